"""Supervised pieces: their custodian stays, a specialist of the service series watches over them (P-27)."""
