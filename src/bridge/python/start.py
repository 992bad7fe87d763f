"""Starts the host: python start.py FROM TO. The two file descriptors were inherited."""
import sys

if __name__ == '__main__':
    from rbuildout_host import host
    # Recipes shall not see this directory.
    del sys.path[0]
    host.main(int(sys.argv[1]), int(sys.argv[2]))
