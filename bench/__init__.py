"""What `make bench` measures: this service beside a bare server, in one run, on one machine."""
