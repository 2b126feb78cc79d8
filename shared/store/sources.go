package store

import (
	"context"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func sourceItem(user connect.UserID, digest string, now time.Time) item {
	return item{"pk": str(userKey(user)), "sk": str(sourcePrefix + digest), "expiresAt": epoch(now.Add(2 * connect.SourcePeriod))}
}

// KnownSource reports whether a person has logged in from one of the digests before. It reads as much for
// the user "" as for any other that has not.
func (s *Store) KnownSource(ctx context.Context, user connect.UserID, digests []string, now time.Time) (bool, error) {
	for _, d := range digests {
		i, err := s.get(ctx, s.sessions, userKey(user), sourcePrefix+d, true)
		if err != nil {
			return false, err
		}
		if live(i, now) {
			return true, nil
		}
	}
	return false, nil
}
