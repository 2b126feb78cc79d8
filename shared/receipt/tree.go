package receipt

import (
	"crypto/sha256"
	"encoding/base64"
	"math/bits"

	"github.com/mi-telecom/mi-connect/shared/connect"
)

// Tree is a Merkle tree as RFC 9162, 2.1 builds it, taking one leaf after the other and keeping only the
// tops of the full subtrees: a day of any length costs a few hundred bytes.
type Tree struct {
	count uint64
	tops  [][sha256.Size]byte
}

// Add takes the next receipt. The order is part of the root.
func (t *Tree) Add(r *connect.Receipt) {
	// The HMAC stands for all that the receipt says; the entry's name keeps two from being swapped.
	node := sha256.Sum256([]byte("\x00" + string(r.Kind) + "\x00" + string(r.ID) + "\x00" + r.MAC))
	for range bits.TrailingZeros64(^t.count) {
		last := t.tops[len(t.tops)-1]
		t.tops = t.tops[:len(t.tops)-1]
		node = join(last, node)
	}
	t.tops = append(t.tops, node)
	t.count++
}

// Count is how many were added.
func (t *Tree) Count() int { return int(t.count) }

// Root of nothing is the hash of nothing.
func (t *Tree) Root() string {
	if len(t.tops) == 0 {
		sum := sha256.Sum256(nil)
		return base64.RawURLEncoding.EncodeToString(sum[:])
	}
	root := t.tops[len(t.tops)-1]
	for i := len(t.tops) - 2; i >= 0; i-- {
		root = join(t.tops[i], root)
	}
	return base64.RawURLEncoding.EncodeToString(root[:])
}

func join(left, right [sha256.Size]byte) [sha256.Size]byte {
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}
