"""Long work outside requests: imports and plans as jobs with a progress row, and the flow they share with the command line.

In: a file or a wish, and who asks. Out: the same actions that the command line calls. Never: a job that does harm when it
runs twice, a job without the person who asked for it.
"""
