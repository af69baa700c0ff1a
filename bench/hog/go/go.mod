module gort.hog

go 1.19
