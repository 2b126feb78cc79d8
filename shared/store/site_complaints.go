package store

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func complaintsKey(site connect.SiteID) string { return "COMPLAINTS#" + string(site) }

// complaintQueue is where an account's register has complaints: those to be answered by when, the rest newest first.
func complaintQueue(account connect.AccountID, answered bool) string {
	if answered {
		return string(account) + "#complaints-answered"
	}
	return string(account) + "#complaints"
}

// The contact's attributes are not called as a request's are: what looks for visitors' requests finds no complaint.
func siteComplaintItem(c *connect.SiteComplaint) item {
	answered := c.State == connect.ComplaintAnswered
	turn := c.DueAt
	if answered {
		turn = c.AnsweredAt
	}
	i := item{
		"pk": str(complaintsKey(c.Site)), "sk": str(string(c.ID)), "site": str(string(c.Site)),
		"account": str(string(c.Account)), "queue": str(complaintQueue(c.Account, answered)),
		"turn": str(connect.TurnAt(turn) + string(c.ID)), "siteName": str(c.SiteName), "message": str(c.Message),
		"state": str(string(c.State)), "createdAt": when(c.CreatedAt), "updatedAt": when(c.UpdatedAt),
		"dueAt": when(c.DueAt), "lastDay": str(string(c.LastDay)), "version": num(int64(c.Version)),
	}
	for name, v := range map[string]string{
		"callback": string(c.Callback), "fromName": c.Name, "fromPhone": c.Phone, "fromEmail": string(c.Email),
		"result": string(c.Result), "answer": c.Answer,
	} {
		if v != "" {
			i[name] = str(v)
		}
	}
	for name, t := range map[string]time.Time{"acknowledgedAt": c.AcknowledgedAt, "answeredAt": c.AnsweredAt} {
		if !t.IsZero() {
			i[name] = when(t)
		}
	}
	if !c.ExpiresAt.IsZero() {
		i["expiresAt"] = epoch(c.ExpiresAt)
	}
	i["history"] = complaintEntries(c.History)
	return i
}

func siteComplaintOf(i item) *connect.SiteComplaint {
	c := &connect.SiteComplaint{
		ID: connect.ComplaintID(text(i, "sk")), Account: connect.AccountID(text(i, "account")),
		Site: connect.SiteID(text(i, "pk")[len(complaintsKey("")):]), SiteName: text(i, "siteName"),
		Callback: connect.CallbackID(text(i, "callback")), Name: text(i, "fromName"), Phone: text(i, "fromPhone"),
		Email: connect.Email(text(i, "fromEmail")), Message: text(i, "message"),
		State: connect.ComplaintState(text(i, "state")), Result: connect.ComplaintResult(text(i, "result")),
		Answer: text(i, "answer"), CreatedAt: moment(i, "createdAt"), UpdatedAt: moment(i, "updatedAt"),
		LastDay: connect.Date(text(i, "lastDay")), DueAt: moment(i, "dueAt"), AcknowledgedAt: moment(i, "acknowledgedAt"),
		AnsweredAt: moment(i, "answeredAt"), Version: int(integer(i, "version")),
	}
	if end := integer(i, "expiresAt"); end != 0 {
		c.ExpiresAt = time.Unix(end, 0).UTC()
	}
	c.History = complaintHistory(i)
	return c
}

func complaintEntries(history []connect.ComplaintEntry) types.AttributeValue {
	out := make([]types.AttributeValue, len(history))
	for n, h := range history {
		out[n] = &types.AttributeValueMemberM{Value: item{
			"at": when(h.At), "what": str(string(h.What)), "by": str(h.By), "text": str(h.Text),
		}}
	}
	return &types.AttributeValueMemberL{Value: out}
}

func complaintHistory(i item) (out []connect.ComplaintEntry) {
	l, ok := i["history"].(*types.AttributeValueMemberL)
	if !ok {
		return nil
	}
	for _, e := range l.Value {
		if m, ok := e.(*types.AttributeValueMemberM); ok {
			out = append(out, connect.ComplaintEntry{
				At: moment(m.Value, "at"), What: connect.ComplaintStep(text(m.Value, "what")),
				By: text(m.Value, "by"), Text: text(m.Value, "text"),
			})
		}
	}
	return out
}

// kept reports whether a complaint can still be read: one that is open has no end.
func kept(i item, now time.Time) bool {
	return i != nil && (i["expiresAt"] == nil || unexpired(i, now))
}

// SiteComplaint returns connect.ErrNotFound for one that is not there.
func (s SiteComplaintReader) SiteComplaint(
	ctx context.Context, site connect.SiteID, id connect.ComplaintID, now time.Time,
) (*connect.SiteComplaint, error) {
	i, err := s.get(ctx, s.callbacks, complaintsKey(site), string(id), true)
	if err != nil {
		return nil, err
	}
	if !kept(i, now) {
		return nil, connect.ErrNotFound
	}
	return siteComplaintOf(i), nil
}

// AddSiteComplaint stores a complaint with its reminders, the acknowledgement where c has one, and the message to the
// owners: of the first of an hour at once, of the rest when the hour is over. Where one of its id is there, it returns
// that one and changes nothing.
func (s SiteComplaintIntake) AddSiteComplaint(
	ctx context.Context, c *connect.SiteComplaint, zone *time.Location, now time.Time,
) (*connect.SiteComplaint, error) {
	writes := append(
		[]types.TransactWriteItem{put(s.callbacks, siteComplaintItem(c), absent)},
		s.taskPuts(c.Reminders(zone))...)
	if !c.AcknowledgedAt.IsZero() {
		writes = append(writes, s.messagePut(c.Tell(connect.MailSiteComplaintAcknowledged), now))
	}
	for _, tell := range s.complaintAlerts(c, now) {
		err := s.transact(ctx, append(slices.Clone(writes), tell...)...)
		switch at := refusedAt(err); {
		case err == nil:
			return c, nil
		case at == 0:
			return SiteComplaintReader(s).SiteComplaint(ctx, c.Site, c.ID, now)
		case at != len(writes):
			return nil, outcome(err, errBusy)
		}
	}
	return nil, errBusy
}

// complaintAlerts are the ways in which owners can be told of c: by the hour's first message, by that of the rest, or
// by one that is asked for already.
func (s *client) complaintAlerts(c *connect.SiteComplaint, now time.Time) [][]types.TransactWriteItem {
	hour := now.UTC().Truncate(time.Hour)
	name := string(c.Site) + "-" + hour.Format("2006-01-02T15")
	first, rest := c.Tell(connect.MailSiteComplaint), c.Tell(connect.MailSiteComplaints)
	first.ID, rest.ID = "o_complaint-"+name, "o_complaints-"+name
	// A minute on: what is stored at the end of the hour is there when it is written.
	rest.Complaint, rest.Phase, rest.RetryAt = "", connect.PhaseWaiting, hour.Add(time.Hour+time.Minute)
	return [][]types.TransactWriteItem{{s.messagePut(first, now)}, {s.messagePut(rest, now)}, nil}
}

// ComplaintPage is how many complaints one page of a register holds.
const ComplaintPage = 50

// SiteComplaints returns a page of an account's register, or of one site's part of it: those to be answered, the
// soonest due first, or the answered, the newest first. A page of one site's may come short. A cursor reaches only the
// same account's.
func (s SiteComplaintRegister) SiteComplaints(
	ctx context.Context, account connect.AccountID, site connect.SiteID, answered bool, cursor string, now time.Time,
) (page []*connect.SiteComplaint, next string, err error) {
	in := &dynamodb.QueryInput{
		TableName: s.callbacks, IndexName: aws.String("byTurn"), ScanIndexForward: aws.Bool(!answered),
		Limit: aws.Int32(ComplaintPage), KeyConditionExpression: aws.String("queue = :q"),
		ExpressionAttributeValues: item{":q": str(complaintQueue(account, answered))},
	}
	if site != "" {
		in.FilterExpression, in.ExpressionAttributeValues[":site"] = aws.String("site = :site"), str(string(site))
	}
	if cursor != "" {
		start, ok := parseComplaintCursor(cursor)
		if !ok {
			return nil, "", errCursor
		}
		start["queue"] = str(complaintQueue(account, answered))
		in.ExclusiveStartKey = start
	}
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return nil, "", err
	}
	for _, i := range out.Items {
		if kept(i, now) {
			page = append(page, siteComplaintOf(i))
		}
	}
	return page, complaintCursor(out.LastEvaluatedKey), nil
}

const cursorGap = "\x00"

func complaintCursor(last item) string {
	if len(last) == 0 {
		return ""
	}
	raw := text(last, "pk") + cursorGap + text(last, "sk") + cursorGap + text(last, "turn")
	return base64.RawURLEncoding.EncodeToString([]byte(raw))
}

// SiteComplaintsOf returns a site's complaints of whoever is to be answered at a number or an address. It reads the
// site's complaints, of which there are few, up to complaintReads.
func (s SiteComplaintDesk) SiteComplaintsOf(
	ctx context.Context, site connect.SiteID, phone string, email connect.Email, now time.Time,
) (found []*connect.SiteComplaint, err error) {
	name, value := "fromPhone", phone
	if phone == "" {
		name, value = "fromEmail", string(email)
	}
	read := 0
	for page, err := range pages(ctx, dynamodb.NewQueryPaginator(queryPage(s.db.Query), &dynamodb.QueryInput{
		TableName: s.callbacks, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		FilterExpression:          aws.String(name + " = :v"),
		ExpressionAttributeValues: item{":pk": str(complaintsKey(site)), ":v": str(value)},
	})) {
		if err != nil {
			return nil, err
		}
		for _, i := range page.Items {
			if kept(i, now) {
				found = append(found, siteComplaintOf(i))
			}
		}
		if read++; read == complaintReads {
			break
		}
	}
	slices.SortFunc(found, func(a, b *connect.SiteComplaint) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return found, nil
}

// complaintReads are the pages of a megabyte that a search for one visitor's complaints reads at most.
const complaintReads = 8

// ChangeSiteComplaint stores c on condition that nobody has changed it since it was read, with the messages and the
// log's entries that come of it. It returns connect.ErrConflict.
func (s SiteComplaintDesk) ChangeSiteComplaint(
	ctx context.Context,
	c *connect.SiteComplaint,
	messages []connect.Message,
	entries []connect.AuditEntry,
	now time.Time,
) error {
	was := c.Version
	c.Version++
	c.UpdatedAt = now.UTC().Truncate(time.Millisecond)
	change := put(s.callbacks, siteComplaintItem(c), "version = :was")
	change.Put.ExpressionAttributeValues = item{":was": num(int64(was))}
	writes := append([]types.TransactWriteItem{change}, s.auditPuts(entries)...)
	for n, m := range messages {
		m.ID = "o_" + string(c.ID) + "-" + strconv.Itoa(c.Version) + "-" + strconv.Itoa(n)
		writes = append(writes, s.messagePut(m, now))
	}
	err := s.transact(ctx, writes...)
	if refusedAt(err) >= 0 || contended(err) {
		return connect.ErrConflict
	}
	return err
}

func parseComplaintCursor(cursor string) (item, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	part := strings.Split(string(raw), cursorGap)
	if err != nil || len(raw) > 200 || len(part) != 3 || slices.Contains(part, "") {
		return nil, false
	}
	return item{"pk": str(part[0]), "sk": str(part[1]), "turn": str(part[2])}, true
}
