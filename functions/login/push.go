package main

import (
	"net/http"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
	"github.com/mi-telecom/mi-connect/shared/webpush"
)

// pushes are our keys towards push services, and those that we send to.
type pushes struct {
	keys     webpush.Keys
	services webpush.Services
}

func (h *handlers) listPushDevices(r *http.Request, who connect.Identity) (*api.PushDevices, error) {
	devices, err := h.store.PushDevices(r.Context(), who.User, web.Now(r))
	if err != nil {
		return nil, err
	}
	_, public, err := h.push.keys.Current()
	if err != nil {
		return nil, err
	}
	out := &api.PushDevices{PublicKey: public, Devices: []api.PushDevice{}}
	for _, d := range devices {
		out.Devices = append(out.Devices, pushDevice(d, who))
	}
	return out, nil
}

// pushDevice leaves out the address: who has it can send to the browser.
func pushDevice(d connect.PushDevice, who connect.Identity) api.PushDevice {
	return api.PushDevice{ID: d.ID, Device: d.Browser, CreatedAt: d.CreatedAt, Current: d.Session == who.SessionID}
}

func (h *handlers) addPushDevice(
	r *http.Request, who connect.Identity, in *api.PushSubscription,
) (*api.PushDevice, error) {
	d, err := h.push.services.Device(webpush.Subscription{Endpoint: in.Endpoint, PublicKey: in.P256Dh, Auth: in.Auth})
	if err != nil {
		return nil, err
	}
	if d.Key = h.push.keys.Version(in.PublicKey); d.Key == 0 {
		var p connect.Problems
		p.Add("publicKey", "Not our key, or not any more: subscribe again.")
		return nil, p.Err()
	}
	now := web.Now(r)
	d.CreatedAt, d.Session, d.Browser = now, who.SessionID, connect.BrowserName(r.UserAgent())
	added, err := h.store.AddPushDevice(r.Context(), who.User, d, now)
	if err != nil {
		return nil, err
	}
	if added {
		if err := h.auditPush(r, who, connect.NotificationsOn, d); err != nil {
			return nil, err
		}
	}
	out := pushDevice(d, who)
	return &out, nil
}

func (h *handlers) removePushDevice(r *http.Request, who connect.Identity, id string) error {
	devices, err := h.store.PushDevices(r.Context(), who.User, web.Now(r))
	if err != nil {
		return err
	}
	for _, d := range devices {
		if d.ID == id {
			if err := h.store.EndPushDevice(r.Context(), who.User, id); err != nil {
				return err
			}
			return h.auditPush(r, who, connect.NotificationsOff, d)
		}
	}
	return connect.ErrNotFound
}

func (h *handlers) auditPush(
	r *http.Request, who connect.Identity, action connect.AuditAction, d connect.PushDevice,
) error {
	entries, err := h.auditPersonal(r.Context(), web.CallerOf(r), who.User, action, d.Browser)
	if err != nil {
		return err
	}
	return h.store.Audit(r.Context(), entries...)
}
