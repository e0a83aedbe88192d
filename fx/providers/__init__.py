"""Where rates come from: one file per kind of provider.

A provider says what it heard as `Observation`s, and raises `AbsurdFeed` or
`DownloadFailed` when it cannot; it knows no database. What has a `fetch` can be asked
by the worker; a file and a member of staff come by themselves.
"""
