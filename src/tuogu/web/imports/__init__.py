"""Pages of the imports: upload, what the headers mean, dry run, commit, result, and taking an import back.

In: workbooks. Out: jobs, pages, files to fetch. Never: a file read inside a request, a row of it in clear on a page.
"""
