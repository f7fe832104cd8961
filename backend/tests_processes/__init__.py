"""Tests of real processes over real HTTP: contracts, kills, faults, and the start itself."""
