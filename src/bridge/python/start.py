"""Starts the host: python start.py FROM TO. The two file descriptors were inherited."""
import gc
import sys

if __name__ == '__main__':
    # What is imported here stays: nothing of it is worth looking through for garbage.
    gc.disable()
    # Our own bytecode is kept in any case; it lies in rbuildout's cache.
    keeps_none, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    from rbuildout_host import host
    sys.dont_write_bytecode = keeps_none
    if hasattr(gc, 'freeze'):
        gc.freeze()
    gc.enable()
    # Recipes shall not see this directory.
    del sys.path[0]
    host.main(int(sys.argv[1]), int(sys.argv[2]))
