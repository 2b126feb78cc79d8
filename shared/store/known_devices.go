package store

import (
	"context"
	"time"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

func knownDeviceItem(user connect.UserID, digest string, now time.Time) item {
	return item{
		"pk": str(userKey(user)), "sk": str(knownDevicePrefix + digest), "expiresAt": epoch(now.Add(connect.KnownDeviceLife)),
	}
}

// IsKnownDevice reports whether a person has logged in from one of the digests before. It reads as much for
// the user "" as for any other that has not.
func (s Logins) IsKnownDevice(ctx context.Context, user connect.UserID, digests []string, now time.Time) (bool, error) {
	for _, d := range digests {
		i, err := s.get(ctx, s.sessions, userKey(user), knownDevicePrefix+d, true)
		if err != nil {
			return false, err
		}
		if unexpired(i, now) {
			return true, nil
		}
	}
	return false, nil
}
