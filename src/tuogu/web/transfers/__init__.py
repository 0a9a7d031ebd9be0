"""Transfers: chosen policies to another custodian, counted before they are asked for, by two people."""
