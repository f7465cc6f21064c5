"""Running an app's whole life on this machine: Modal's own client and container runtime against a control plane on loopback."""
