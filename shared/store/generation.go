package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// A person's credentials have a generation, a number in the user's item. Every change of password, address or
// second factors raises it in its own transaction, and every token names the one that it was issued in: so a link
// mailed before a change ends with it, whichever link and whichever change they are.

// ofGeneration is the condition on a user's item that t is still of its generation.
const ofGeneration = "(generation = :generation OR attribute_not_exists(generation) AND :generation = :first)"

// pending are the attributes of a user's item that say what was begun by mail and is not finished.
const pending = "recovery, recoveryAt, emailTicket, emailConfirm"

// generationValues adds what ofGeneration compares with to values.
func generationValues(t connect.OneTimeToken, values item) item {
	out := item{":generation": num(t.Generation), ":first": num(0)}
	for name, v := range values {
		out[name] = v
	}
	return out
}

// changeCredentials is the write to a user's item that comes with every change of what they log in with. set is
// a SET clause or "". With t the change is refused when t is of an earlier generation.
func (s *client) changeCredentials(
	user connect.UserID, set, condition string, values item, t *connect.OneTimeToken,
) types.TransactWriteItem {
	all := item{":one": num(1)}
	for name, v := range values {
		all[name] = v
	}
	if t != nil {
		condition, all = condition+" AND "+ofGeneration, generationValues(*t, all)
	}
	return update(s.accounts, userKey(user), skUser, set+" REMOVE "+pending+" ADD generation :one", condition, all)
}

// CredentialGeneration returns that of a person's credentials. It reads as much for the user "" as for any other.
func (s Links) CredentialGeneration(ctx context.Context, user connect.UserID) (int64, error) {
	i, err := s.get(ctx, s.accounts, userKey(user), skUser, true)
	return integer(i, "generation"), err
}
