"""The test rig: a tiny training, a disk that fails on demand, a model of power loss, and processes that may die."""
