"""The Python side of rbuildout: runs recipes that are not native.

Standard library only, for CPython 2.7 and 3.6 and later. docs/bridge.md describes the protocol.
"""
