"""Files that leave the house: asked with a reason, approved above a limit, watermarked, counted, expired.

Other rooms use `actions` and `queries`. A file is built once, by the job; its bytes are sealed at rest and deleted when it
expires.
"""
