package store

import (
	"cmp"
	"context"
	"hash/fnv"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// What is due is a queue in each of a few partitions, ordered by instant, and is deleted once it is done. So what a run
// has missed, and what is written late, is at the head of its queue: there are no periods to be gone through and no
// place to be kept, and a run that follows an outage of any length reads what there is.

// taskShards spread the writes: a partition takes a thousand units a second.
const taskShards = 4

const taskTime = "2006-01-02T15:04:05.000Z"

func taskKey(t connect.Task) (pk, sk string) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(t.Name()))
	return taskShard(int(h.Sum32() % taskShards)), t.At.UTC().Format(taskTime) + "#" + t.Name()
}

func taskShard(n int) string { return "D#" + strconv.Itoa(n) }

func taskItem(t connect.Task) item {
	pk, sk := taskKey(t)
	i := item{
		"pk": str(pk), "sk": str(sk), "kind": str(string(t.Kind)), "at": when(t.At),
		"expiresAt": epoch(t.At.Add(connect.TaskLife)),
	}
	for name, v := range map[string]string{
		"account": string(t.Account), "site": string(t.Site), "callback": string(t.Callback), "ref": t.Ref,
	} {
		if v != "" {
			i[name] = str(v)
		}
	}
	if !t.For.IsZero() {
		i["for"] = when(t.For)
	}
	return i
}

func taskOf(i item) connect.Task {
	return connect.Task{
		Kind: connect.TaskKind(text(i, "kind")), At: moment(i, "at"), Account: connect.AccountID(text(i, "account")),
		Site: connect.SiteID(text(i, "site")), Callback: connect.CallbackID(text(i, "callback")), Ref: text(i, "ref"),
		For: moment(i, "for"), Held: moment(i, "held"),
	}
}

// taskPuts are the writes of tasks, for the transaction of their cause. One that is there already becomes new: a run
// that is at it does not delete it.
func (s *client) taskPuts(tasks []connect.Task) (writes []types.TransactWriteItem) {
	for _, t := range tasks {
		writes = append(writes, put(s.due, taskItem(t), ""))
	}
	return writes
}

// DueTasks are those that are due by now and held by nobody, the oldest first, read as far as they are asked for.
func (s Tasks) DueTasks(ctx context.Context, now time.Time) iter.Seq2[connect.Task, error] {
	return func(yield func(connect.Task, error) bool) {
		var queues []*queue
		defer func() {
			for _, q := range queues {
				q.stop()
			}
		}()
		for n := range taskShards {
			next, stop := iter.Pull2(s.dueShard(ctx, n, now))
			q := &queue{next: next, stop: stop}
			queues = append(queues, q)
			q.advance()
		}
		for {
			first := slices.MinFunc(queues, (*queue).compare)
			if first.err != nil || !first.more {
				if first.err != nil {
					yield(connect.Task{}, first.err)
				}
				return
			}
			if t := first.task; !now.Before(t.Held) && !yield(t, nil) {
				return
			}
			first.advance()
		}
	}
}

// queue is a shard as it is read.
type queue struct {
	next func() (item, error, bool)
	stop func()
	sk   string
	task connect.Task
	err  error
	more bool
}

func (q *queue) advance() {
	var i item
	if i, q.err, q.more = q.next(); q.more && q.err == nil {
		q.sk, q.task = text(i, "sk"), taskOf(i)
	}
}

// compare puts an error first, then the oldest, and what has ended last.
func (q *queue) compare(other *queue) int {
	rank := func(q *queue) int {
		switch {
		case q.err != nil:
			return 0
		case q.more:
			return 1
		}
		return 2
	}
	return cmp.Or(rank(q)-rank(other), cmp.Compare(q.sk, other.sk))
}

const taskPage = 200 // tasks that one read of a shard returns at most

func (s *client) dueShard(ctx context.Context, n int, now time.Time) iter.Seq2[item, error] {
	// A millisecond on, so that what is due at this one is in.
	before := now.Add(time.Millisecond).UTC().Format(taskTime)
	return s.items(ctx, &dynamodb.QueryInput{
		TableName: s.due, ConsistentRead: aws.Bool(true), Limit: aws.Int32(taskPage),
		KeyConditionExpression:    aws.String("pk = :pk AND sk < :before"),
		ExpressionAttributeValues: item{":pk": str(taskShard(n)), ":before": str(before)},
	})
}

// HoldTask keeps a task for whoever calls, for as long as a lease; ok is false when another has it or has done it.
func (s Tasks) HoldTask(
	ctx context.Context, t connect.Task, lease time.Duration, now time.Time,
) (held connect.Task, ok bool, err error) {
	pk, sk := taskKey(t)
	t.Held = now.Add(lease).Truncate(time.Millisecond)
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: s.due, Key: key(pk, sk), UpdateExpression: aws.String("SET held = :until"),
		ConditionExpression:       aws.String("attribute_exists(pk) AND (attribute_not_exists(held) OR held <= :now)"),
		ExpressionAttributeValues: item{":until": when(t.Held), ":now": when(now)},
	})
	if refused(err) {
		return t, false, nil
	}
	return t, err == nil, err
}

// RemoveTask deletes a task that is done, unless it was written again since, or is another's by now.
func (s Tasks) RemoveTask(ctx context.Context, t connect.Task) error {
	pk, sk := taskKey(t)
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: s.due, Key: key(pk, sk), ConditionExpression: aws.String("held = :held"),
		ExpressionAttributeValues: item{":held": when(t.Held)},
	})
	if refused(err) {
		return nil
	}
	return err
}

// QueueOnce asks for a message unless it was asked for before, by its id.
func (s Tasks) QueueOnce(ctx context.Context, m connect.Message, now time.Time) error {
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: s.outbox, Item: outboxItem(m, now), ConditionExpression: aws.String(absent),
	})
	if refused(err) {
		return nil
	}
	return err
}

// TaskRequest returns the request that a task is about, or connect.ErrNotFound.
func (s Tasks) TaskRequest(ctx context.Context, t connect.Task, now time.Time) (*connect.Callback, error) {
	return s.callback(ctx, t.Site, t.Callback, now)
}

// TaskComplaint returns the complaint to a business that a task is about, or connect.ErrNotFound.
func (s Tasks) TaskComplaint(ctx context.Context, t connect.Task, now time.Time) (*connect.SiteComplaint, error) {
	return SiteComplaintReader(s).SiteComplaint(ctx, t.Site, connect.ComplaintID(t.Ref), now)
}

// Postpone has a task done again, at another instant.
func (s Tasks) Postpone(ctx context.Context, t connect.Task, at time.Time) error {
	t.At = at
	_, err := s.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: s.due, Item: taskItem(t)})
	return err
}
