"""The parsing process: everything that touches the bytes of an untrusted file runs here, under limits.

Started by `tuogu.files.sandbox` as `python -m tuogu.files.parsing JOB`. Never imported by the parent process
(its modules import nothing heavy but calamine and pyarrow, so that a process starts in a fifth of a second).
"""
