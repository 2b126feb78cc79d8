package connect

import (
	"strconv"
	"time"
)

// MayMail reports whether the request's visitor gets mails.
func (c *Callback) MayMail() bool { return c.Email != "" && !c.Quiet }

// Tell returns the message that tells a request's visitor what became of it. It is about the booking of now: a later
// move or cancel makes it obsolete.
func (c *Callback) Tell(kind MessageKind, account AccountID) Message {
	return Message{Kind: kind, Account: account, Site: c.Site, Callback: c.ID, Detail: strconv.Itoa(c.Sequence)}
}

// Concerns reports whether m is still about the request's booking.
func (m Message) Concerns(c *Callback) bool { return m.Detail == strconv.Itoa(c.Sequence) }

// missedAgain is how long after a visitor was told that somebody called they are not told again.
const missedAgain = 6 * time.Hour

// TellMissed adds the message that somebody called and nobody answered, unless the visitor was told a moment ago.
func (c *Callback) TellMissed(account AccountID, now time.Time) {
	if c.MayMail() && c.Status == StatusMissed && now.Sub(c.MissedToldAt) >= missedAgain {
		c.MissedToldAt = now.Truncate(time.Millisecond)
		c.Messages = append(c.Messages, c.Tell(MailVisitorMissed, account))
	}
}

// RemindVisitor adds the reminders of a booked time: a day and an hour before it, where there is twice that until then.
func (c *Callback) RemindVisitor(account AccountID, now time.Time) {
	if !c.MayMail() || c.At.IsZero() {
		return
	}
	for kind, before := range map[TaskKind]time.Duration{TaskVisitorDay: 24 * time.Hour, TaskVisitorHour: time.Hour} {
		if c.At.Sub(now) >= 2*before {
			c.Tasks = append(c.Tasks, Task{
				Kind: kind, At: c.At.Add(-before), Account: account, Site: c.Site, Callback: c.ID, For: c.At,
			})
		}
	}
}
