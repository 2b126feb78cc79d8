package dynamo

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"io"
	"io/fs"
	"os"
)

// seed is dynoxide's empty database with indexes on its stream records and their end after 24 hours
// (seed/stream.sql). Without them every write reads all records there are: at 27,000 of them 18 times the
// time. seed/make.py writes it again for another version.
//
//go:embed seed/seed.sqlite.gz
var seed []byte

// sow gives dynoxide a new data file with the indexes. A file that is there is left alone.
func sow(file string) error {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	packed, err := gzip.NewReader(bytes.NewReader(seed))
	if err != nil {
		return err
	}
	database, err := io.ReadAll(packed)
	if err != nil {
		return err
	}
	// Half a database would be refused at every start: the name is given when all is written.
	if err := os.WriteFile(file+".new", database, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
