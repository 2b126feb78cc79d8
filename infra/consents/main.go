// Command consents is the operator's: it checks that no receipt was changed or taken away, and exports
// them. It reads CONSENTS_TABLE with the AWS credentials of the environment, and the key from CONSENT_KEY
// or CONSENT_KEY_ARN.
//
//	consents verify     exit status 1 and one line for each finding
//	consents export     JSON lines: receipts day by day, each day followed by its seal
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/receipt"
	"github.com/mi-telecom/mi-connect/shared/store"
)

func main() {
	if len(os.Args) != 2 || os.Args[1] != "verify" && os.Args[1] != "export" || os.Getenv("CONSENTS_TABLE") == "" {
		fmt.Fprintln(
			os.Stderr, "usage: CONSENTS_TABLE=... CONSENT_KEY_ARN=... RECEIPT_DAYS=... AWS_REGION=... consents verify|export",
		)
		os.Exit(2)
	}
	ctx, shelf, book := context.Background(), store.Sealing(store.Open(os.Getenv)), receipt.FromEnvironment()
	var err error
	if os.Args[1] == "verify" {
		err = verify(ctx, os.Stdout, shelf, book, time.Now())
	} else {
		err = export(ctx, os.Stdout, shelf, time.Now())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func verify(ctx context.Context, out io.Writer, shelf receipt.Shelf, book *receipt.Book, now time.Time) error {
	start := time.Now()
	rep, err := book.Audit(ctx, shelf, now)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d receipts read, %d of them under %d seals (%d past retention), in %v\n",
		rep.Receipts, rep.Sealed, rep.Days, rep.Expired, time.Since(start).Round(time.Millisecond))
	for _, f := range rep.Findings {
		fmt.Fprintln(out, "FOUND", f)
	}
	if n := len(rep.Findings); n > 0 {
		return fmt.Errorf("%d findings", n)
	}
	fmt.Fprintln(out, "every receipt is as it was written, and none is missing")
	return nil
}

type receiptLine struct {
	Kind     connect.ReceiptKind `json:"kind"`
	ID       connect.ReceiptID   `json:"id"`
	At       time.Time           `json:"at"`
	Site     connect.SiteID      `json:"site,omitempty"`
	Revision string              `json:"revision,omitempty"`
	Text     string              `json:"text,omitempty"`
	Choice   connect.Choice      `json:"choice,omitempty"`
	Page     string              `json:"page,omitempty"`
	Via      connect.Via         `json:"via,omitempty"`
	Count    int                 `json:"count,omitempty"`
	MAC      string              `json:"mac"`
}

type sealLine struct {
	Kind     string       `json:"kind"`
	Day      connect.Date `json:"day"`
	Count    int          `json:"count"`
	Root     string       `json:"root"`
	Previous string       `json:"previous"`
	MAC      string       `json:"mac"`
	At       time.Time    `json:"at"`
}

func export(ctx context.Context, out io.Writer, shelf receipt.Shelf, now time.Time) error {
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	day := func(d connect.Date) error {
		return shelf.Receipts(ctx, d, func(r *connect.Receipt) error {
			return enc.Encode(receiptLine{
				r.Kind, r.ID, r.At, r.Site, r.Revision, r.Text, r.Choice, r.Page, r.Via, r.Count, r.MAC,
			})
		})
	}
	open := connect.DateOf(now.UTC())
	sealed := false
	err := shelf.Seals(ctx, func(s *connect.Seal) error {
		if err := day(s.Day); err != nil {
			return err
		}
		sealed, open = true, s.Day.Add(1)
		return enc.Encode(sealLine{"seal", s.Day, s.Count, s.Root, s.Previous, s.MAC, s.At})
	})
	// What has no seal yet follows the last one.
	for ; err == nil && open <= connect.DateOf(now.UTC()); open = open.Add(1) {
		err = day(open)
	}
	if err != nil {
		return err
	}
	if !sealed {
		fmt.Fprintln(os.Stderr, "no day has a seal yet: only today's receipts were exported")
	}
	return w.Flush()
}
