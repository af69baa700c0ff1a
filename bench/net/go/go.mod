module gort.net

go 1.19
