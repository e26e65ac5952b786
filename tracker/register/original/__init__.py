"""The official text beside the register: laid out sentence by sentence with its anchors, and kept as it was imported."""
