package store_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/mi-telecom/mi-connect/internal/apitest"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/hours"
	"github.com/mi-telecom/mi-connect/shared/store"
)

// Whoever is erased gives back every slot that they hold, two in the same one too.
func TestAnErasureGivesSlotsBack(t *testing.T) {
	w := apitest.New(t)
	ctx, now := t.Context(), w.Clock.Now()
	site := w.Site(connect.NewAccountID(), "Shop", "UTC", "https://shop.example")
	slot := now.Add(3 * time.Hour).Truncate(time.Hour)
	add := func(n int, digest string, at time.Time) {
		c := &connect.Callback{
			ID: connect.NewCallbackID(now), Site: site.ID, Name: "V", Phone: "+447700900123", PhoneDigest: digest,
			Status: connect.StatusNew, Page: "/", CreatedAt: now, UpdatedAt: now, ExpiresAt: now.AddDate(0, 0, 90),
			At: at, Slot: at, Capacity: 3,
		}
		if _, err := w.Store.AddCallback(ctx, c, "key"+strconv.Itoa(n), "digest", now); err != nil {
			t.Fatal(err)
		}
	}
	add(0, "vera", slot)
	add(1, "vera", slot)
	add(2, "vera", slot.Add(time.Hour))
	add(3, "vera", time.Time{})
	add(4, "another", slot)
	entry := connect.AuditEntry{Account: site.Account, At: now, Action: connect.VisitorErased}
	visitor := store.Visitor{Via: connect.ViaPhone, Digests: []string{"vera"}}
	erased, err := w.Store.EraseVisitor(ctx, site.ID, visitor, entry, w.Book.Erasure(now), now)
	if err != nil || erased.Count != 4 || erased.More {
		t.Fatal(erased, err)
	}
	booked, err := w.Store.BookedSlots(ctx, site.ID, "", now, slot.Add(24*time.Hour))
	if err != nil || booked[slot.Unix()] != 1 || booked[slot.Add(time.Hour).Unix()] != 0 {
		t.Error("only the other visitor holds a place:", booked, err)
	}
}

func TestHoursAreChangedFromTheNewest(t *testing.T) {
	w := apitest.New(t)
	site := w.Site(connect.NewAccountID(), "Shop", "UTC", "https://shop.example")
	if r, err := w.Store.Hours(t.Context(), site.Account, site.ID); r != nil || err != nil {
		t.Error(r, err)
	}
	first, second := hours.Default(), hours.Default()
	if err := w.Store.ChangeHours(t.Context(), site, first); err != nil || first.Version != 1 {
		t.Fatal(first.Version, err)
	}
	if err := w.Store.ChangeHours(t.Context(), site, second); !errors.Is(err, connect.ErrConflict) {
		t.Error("made from nothing once there is something:", err)
	}
	first.Slot = 15
	if err := w.Store.ChangeHours(t.Context(), site, first); err != nil || first.Version != 2 {
		t.Error(first.Version, err)
	}
	if r, err := w.Store.Hours(t.Context(), site.Account, site.ID); err != nil || r.String() != first.String() {
		t.Error(r, err)
	}
	if err := w.Store.RemoveSite(t.Context(), site); err != nil {
		t.Fatal(err)
	}
	if r, err := w.Store.Hours(t.Context(), site.Account, site.ID); r != nil || err != nil {
		t.Error("they go with the site:", r, err)
	}
	if err := w.Store.ChangeHours(t.Context(), site, hours.Default()); !errors.Is(err, connect.ErrNotFound) {
		t.Error("of a site that is gone:", err)
	}
}
