package main

import (
	"errors"
	"net/http"
	"slices"

	"github.com/mi-telecom/mi-connect/shared/api"
	"github.com/mi-telecom/mi-connect/shared/connect"
	"github.com/mi-telecom/mi-connect/shared/web"
)

// maxMarks is how many requests one call changes.
const maxMarks = 50

// markCallbacks does the same with several requests, one after another. Each is changed on its own condition, so that
// what somebody else has changed meanwhile, or the visitor has erased, keeps none of the others.
func (h *handlers) markCallbacks(
	r *http.Request, who connect.Identity, in *api.CallbackMarks,
) (*api.CallbacksMarked, error) {
	if n := len(in.Items); n == 0 || n > maxMarks {
		var p connect.Problems
		p.Add("items", "Name 1 to 50 requests.")
		return nil, p.Err()
	}
	marks := make([]*api.CallbackMark, len(in.Items))
	for n, item := range in.Items {
		mark := in.Mark
		if item.Mark != nil {
			mark = *item.Mark
		}
		mark.UpdatedAt = item.UpdatedAt
		if err := checkMark(&mark, web.Now(r)); err != nil {
			return nil, err
		}
		marks[n] = &mark
	}
	sites, err := h.store.SitesOf(r.Context(), who.Account)
	if err != nil {
		return nil, err
	}
	people := map[string]connect.Assignee{}
	out := &api.CallbacksMarked{Results: []api.CallbackMarked{}}
	for n, item := range in.Items {
		result := api.CallbackMarked{ID: item.ID}
		err := error(connect.ErrNotFound)
		if slices.ContainsFunc(sites, func(s *connect.Site) bool { return s.ID == item.Site }) {
			to, known := people[api.Value(marks[n].Assign)]
			if err = nil; !known {
				to, err = h.assignee(r, who, marks[n])
			}
			if err == nil {
				people[api.Value(marks[n].Assign)] = to
				result.Callback, err = h.mark(r, who, item.Site, item.ID, marks[n], to)
			}
		}
		if err != nil {
			why, ok := errors.AsType[*connect.Error](err)
			if !ok {
				return nil, err // ours: the call may be repeated, and what is done stays so
			}
			result.Problem = &api.MarkProblem{Code: why.Code, Detail: why.Message}
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}
