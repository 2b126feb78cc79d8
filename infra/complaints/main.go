// Command complaints is the operator's: it lists the complaints about us and answers them. It reads COMPLAINTS_TABLE
// and OUTBOX_TABLE with the AWS credentials of the environment. What is said to a complainant is mailed by the stack.
//
//	complaints list [all]               those that wait, the oldest first, with the days that are left
//	complaints show <number>            one in full, with what was done
//	complaints note <number> <text>     for ourselves
//	complaints tell <number> <text>     an update, mailed
//	complaints close <number> <result> <text>
//	                                    the answer, mailed; upheld, partly-upheld, not-upheld, withdrawn or
//	                                    spam, which is mailed to nobody and needs no text
//
// A text of "-" is read from the standard input.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

var errUsage = errors.New("usage: COMPLAINTS_TABLE=... OUTBOX_TABLE=... AWS_REGION=... complaints " +
	"list [all] | show <number> | note|tell <number> <text> | close <number> <result> <text>")

func main() {
	d := desk{store.OwnComplaints(store.Open(os.Getenv)), os.Stdin, os.Stdout, time.Now()}
	err := errUsage
	if os.Getenv("COMPLAINTS_TABLE") != "" && os.Getenv("OUTBOX_TABLE") != "" {
		err = d.run(context.Background(), os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		if errors.Is(err, errUsage) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

// desk is where the operator works through complaints.
type desk struct {
	store.OwnComplaints
	in  io.Reader
	out io.Writer
	now time.Time
}

func (d desk) run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "list" && (len(args) == 1 || len(args) == 2 && args[1] == "all") {
		return d.list(ctx, len(args) == 2)
	}
	if len(args) < 2 {
		return errUsage
	}
	if !connect.ValidID("d_", args[1]) {
		return fmt.Errorf("%q is no complaint's number", args[1])
	}
	c, err := d.OwnComplaint(ctx, connect.ComplaintID(args[1]), d.now)
	if errors.Is(err, connect.ErrNotFound) {
		return fmt.Errorf("there is no complaint %s", args[1])
	}
	if err != nil {
		return err
	}
	switch command, rest := args[0], args[2:]; {
	case command == "show" && len(rest) == 0:
		d.show(c)
		return nil
	case command == "note" && len(rest) == 1:
		return d.note(ctx, c, rest[0])
	case command == "tell" && len(rest) == 1:
		return d.tell(ctx, c, rest[0])
	case command == "close" && (len(rest) == 2 || len(rest) == 1 && rest[0] == string(connect.ComplaintSpam)):
		return d.close(ctx, c, connect.ComplaintResult(rest[0]), strings.Join(rest[1:], ""))
	}
	return errUsage
}

func (d desk) list(ctx context.Context, all bool) error {
	found, err := d.OwnComplaints.OwnComplaints(ctx, all, d.now)
	if err != nil {
		return err
	}
	late := 0
	for _, c := range found {
		state := "answered " + day(c.AnsweredAt)
		if c.AnsweredAt.IsZero() {
			left := c.DueAt().Sub(d.now)
			if state = strconv.Itoa(int((left+24*time.Hour-1)/(24*time.Hour))) + " days left"; left <= 0 {
				state = strconv.Itoa(int(-left/(24*time.Hour))+1) + " days overdue"
				late++
			}
			// Those from before had an end from the day that they came.
			if !c.ExpiresAt.IsZero() {
				if err := d.KeepOwnComplaint(ctx, c); err != nil {
					return err
				}
			}
		}
		confirmed := "unconfirmed"
		if !c.ConfirmedAt.IsZero() {
			confirmed = "confirmed"
		}
		fmt.Fprintf(d.out, "%s  %s  %s  %s  %s\n", c.ID, day(c.CreatedAt), state, confirmed, plain(from(c)))
	}
	fmt.Fprintf(d.out, "%d complaints, %d overdue\n", len(found), late)
	return nil
}

func (d desk) show(c *connect.Complaint) {
	fmt.Fprintf(d.out, "%s from %s\nreceived %s, due by %s\n", c.ID, plain(from(c)), at(c.CreatedAt), at(c.DueAt()))
	if !c.ConfirmedAt.IsZero() {
		fmt.Fprintln(d.out, "confirmed", at(c.ConfirmedAt))
	}
	fmt.Fprintf(d.out, "\n%s\n\n", plain(c.Message))
	for _, h := range c.History {
		fmt.Fprintf(d.out, "%s  %s  %s\n", at(h.At), h.What, plain(h.Text))
	}
	if !c.AnsweredAt.IsZero() {
		fmt.Fprintf(d.out, "%s, kept until %s:\n%s\n", c.Result, day(c.ExpiresAt), plain(c.Answer))
	}
}

func (d desk) note(ctx context.Context, c *connect.Complaint, given string) error {
	text, err := d.text(given)
	if err != nil {
		return err
	}
	c.Step(connect.ComplaintNoted, text, d.now)
	return d.store(ctx, c, "noted")
}

var errAnswered = errors.New("it has been answered; add a note instead")

func (d desk) tell(ctx context.Context, c *connect.Complaint, given string) error {
	if !c.AnsweredAt.IsZero() {
		return errAnswered
	}
	text, err := d.text(given)
	if err != nil {
		return err
	}
	m := connect.Message{Kind: connect.MailComplaintUpdate, Detail: strconv.Itoa(len(c.History))}
	c.Step(connect.ComplaintUpdated, text, d.now)
	return d.store(ctx, c, "to be mailed to "+string(c.Email), m)
}

func (d desk) close(ctx context.Context, c *connect.Complaint, result connect.ComplaintResult, given string) error {
	if !c.AnsweredAt.IsZero() {
		return errAnswered
	}
	if result == connect.ComplaintSpam {
		c.Close(result, "", d.now)
		return d.store(ctx, c, "closed, nobody is told")
	}
	if !slices.Contains(connect.ComplaintResults, result) {
		return fmt.Errorf("%q is none of %v, spam", result, connect.ComplaintResults)
	}
	text, err := d.text(given)
	if err != nil {
		return err
	}
	c.Close(result, text, d.now)
	return d.store(ctx, c, "closed, to be mailed to "+string(c.Email), connect.Message{Kind: connect.MailComplaintAnswer})
}

func (d desk) store(ctx context.Context, c *connect.Complaint, said string, messages ...connect.Message) error {
	err := d.ChangeOwnComplaint(ctx, c, messages, d.now)
	if errors.Is(err, connect.ErrConflict) {
		return errors.New("somebody else has changed it in the meantime: look at it again")
	}
	if err == nil {
		fmt.Fprintf(d.out, "%s: %s\n", c.ID, said)
	}
	return err
}

// text is what was given, or the standard input for "-".
func (d desk) text(given string) (string, error) {
	if given == "-" {
		all, err := io.ReadAll(io.LimitReader(d.in, 4*connect.ComplaintNoteText+1))
		if err != nil {
			return "", err
		}
		given = string(all)
	}
	text, err := connect.ParseText(given, connect.ComplaintNoteText)
	if err == nil && text == "" {
		err = errors.New("there is no text")
	}
	return text, err
}

func from(c *connect.Complaint) string {
	if c.Name == "" {
		return string(c.Email)
	}
	return c.Name + ", " + string(c.Email)
}

// plain is a stranger's text without what a terminal would obey.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf)) {
			return -1
		}
		return r
	}, text)
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
func at(t time.Time) string  { return t.UTC().Format("2006-01-02 15:04") }
