package main

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/infra/local/localtest"
	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/store"
)

type fixture struct{ *apitest.World }

// run is the command, with what it prints.
func (f fixture) run(input string, args ...string) (string, error) {
	f.T.Helper()
	var out strings.Builder
	d := desk{store.OwnComplaints(f.DB), strings.NewReader(input), &out, f.Clock.Now()}
	err := d.run(f.T.Context(), args)
	return out.String(), err
}

func (f fixture) complain(name string) string {
	f.T.Helper()
	now := f.Clock.Now()
	c := &connect.Complaint{
		ID: connect.NewComplaintID(), Name: name, Email: "ada@visitor.example", Message: "Please explain.\nAll of it.",
		CreatedAt: now.Truncate(time.Millisecond),
	}
	if err := f.Store.AddComplaint(f.T.Context(), c, "digest of "+name, false, now); err != nil {
		f.T.Fatal(err)
	}
	return string(c.ID)
}

func (f fixture) mails() (kinds string) {
	f.T.Helper()
	for _, i := range f.Items("OUTBOX_TABLE") {
		if kind := i["kind"].(string); strings.HasPrefix(kind, "complaint-u") || strings.HasPrefix(kind, "complaint-a") {
			kinds += kind + " "
		}
	}
	return kinds
}

// A complaint from its receipt to its answer. It has no end before that, and then a year.
func TestAComplaintIsAnswered(t *testing.T) {
	f := fixture{apitest.New(t)}
	f.Clock.Set(time.Date(2026, 11, 2, 15, 0, 0, 0, time.UTC))
	id, spam := f.complain("Ada\x1b[2J Visitor"), f.complain("Eve")
	f.Clock.Forward(400 * 24 * time.Hour)
	fresh := f.complain("Grace")
	list, err := f.run("", "list")
	late := id + "  2026-11-02  371 days overdue  unconfirmed  Ada[2J"
	if err != nil || strings.Contains(list, "\x1b") || !strings.Contains(list, late) ||
		!strings.Contains(list, fresh+"  2027-12-07  30 days left") ||
		!strings.HasSuffix(list, "3 complaints, 2 overdue\n") {
		t.Fatal(list, err)
	}
	for _, step := range []struct {
		input string
		args  []string
		want  string
	}{
		{"", []string{"note", id, "Ask Bob."}, "noted"},
		{"We are looking into it.\n", []string{"tell", id, "-"}, "to be mailed to ada@visitor.example"},
		{"", []string{"close", id, "upheld", "We have deleted it."}, "closed, to be mailed"},
		{"", []string{"note", id, "Bob was told."}, "noted"},
		{"", []string{"close", spam, "spam"}, "nobody is told"},
	} {
		if out, err := f.run(step.input, step.args...); err != nil || !strings.Contains(out, step.want) {
			t.Fatal(step.args, out, err)
		}
	}
	if got := f.mails(); strings.Count(got, "complaint-update") != 1 || strings.Count(got, "complaint-answer") != 1 {
		t.Error(got)
	}
	shown, err := f.run("", "show", id)
	for _, want := range []string{
		"All of it.", "note  Ask Bob.", "update  We are looking into it.", "upheld, kept until 2028-12-06",
		"We have deleted it.",
	} {
		if err != nil || !strings.Contains(shown, want) {
			t.Errorf("%q is not shown: %s %v", want, shown, err)
		}
	}
	if list, _ := f.run("", "list"); strings.Contains(list, id) || !strings.HasSuffix(list, "1 complaints, 0 overdue\n") {
		t.Error(list)
	}
	if list, _ := f.run("", "list", "all"); !strings.Contains(list, id) {
		t.Error(list)
	}
	f.Clock.Forward(connect.ComplaintLife)
	if _, err := f.run("", "show", id); err == nil || !strings.Contains(err.Error(), "there is no complaint") {
		t.Errorf("a year after its answer: %v", err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	f := fixture{apitest.New(t)}
	id, closed := f.complain("Ada"), f.complain("Eve")
	if _, err := f.run("", "close", closed, "withdrawn", "As you wish."); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		nil, {"show"}, {"note", id}, {"tell", id}, {"close", id, "upheld"}, {"erase", id}, {"show", id, "x"},
	} {
		if _, err := f.run("", args...); !errors.Is(err, errUsage) {
			t.Errorf("%v: %v", args, err)
		}
	}
	for want, args := range map[string][]string{
		"is no complaint's number": {"list", "some"}, "there is no complaint": {"show", "d_00000000000000"},
		"there is no text": {"note", id, " "}, "is none of": {"close", id, "won", "Text."},
		"has been answered": {"close", closed, "upheld", "Text."}, "has been answered;": {"tell", closed, "Text."},
	} {
		if out, err := f.run("", args...); err == nil || !strings.Contains(err.Error(), want) || out != "" {
			t.Errorf("%v: %q %v", args, out, err)
		}
	}
}

// Two operators at once: the second is told. Wherever the command ends, a repetition is one answer and one mail.
func TestAnAnswerIsGivenOnce(t *testing.T) {
	f := fixture{apitest.New(t)}
	id := connect.ComplaintID(f.complain("Ada"))
	first, _ := f.Store.OwnComplaint(t.Context(), id, f.Clock.Now())
	second, _ := f.Store.OwnComplaint(t.Context(), id, f.Clock.Now())
	d := desk{store.OwnComplaints(f.DB), nil, &strings.Builder{}, f.Clock.Now()}
	if err := d.close(t.Context(), first, connect.ComplaintUpheld, "Yes."); err != nil {
		t.Fatal(err)
	}
	if err := d.close(
		t.Context(),
		second,
		connect.ComplaintNotUpheld,
		"No.",
	); err == nil ||
		!strings.Contains(err.Error(), "somebody else") {
		t.Error(err)
	}
	for _, answered := range []bool{false, true} {
		for call := 1; call < 6; call++ {
			id, before := f.complain("Ada"), strings.Count(f.mails(), "complaint-answer")
			wire := &apitest.Dying{At: call, Answered: answered}
			db := store.OpenThrough(func(k string) string { return f.Env[k] }, wire)
			dying := desk{store.OwnComplaints(db), nil, &strings.Builder{}, f.Clock.Now()}
			_ = dying.run(t.Context(), []string{"close", id, "upheld", "Yes."})
			if _, err := f.run("", "close", id, "upheld", "Yes."); err != nil && !errors.Is(err, errAnswered) {
				t.Error(err)
			}
			if n := strings.Count(f.mails(), "complaint-answer") - before; n != 1 {
				t.Errorf("ended at call %d: %d answers", call, n)
			}
		}
	}
}

// Those from before had an end from their receipt: the list takes it away, and keeps that of the answered.
func TestTheListKeepsWhatIsOpen(t *testing.T) {
	f := fixture{apitest.New(t)}
	id, closed := f.complain("Ada"), f.complain("Eve")
	if _, err := f.run("", "close", closed, "spam"); err != nil {
		t.Fatal(err)
	}
	end := f.Clock.Now().Add(time.Hour).Unix()
	table, set := f.Env["COMPLAINTS_TABLE"], "SET expiresAt = :end"
	_, err := localtest.Server(t).Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &table, UpdateExpression: &set,
		Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: id}},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":end": &types.AttributeValueMemberN{Value: strconv.FormatInt(end, 10)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.run("", "list", "all"); err != nil {
		t.Fatal(err)
	}
	for _, i := range f.Items("COMPLAINTS_TABLE") {
		if (i["expiresAt"] == nil) != (i["pk"] == id) {
			t.Errorf("%v ends %v", i["pk"], i["expiresAt"])
		}
	}
}
