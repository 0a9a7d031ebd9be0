"""Addresses and places: the desk, the code book and its changes, zones on the map, visit lists by block."""
