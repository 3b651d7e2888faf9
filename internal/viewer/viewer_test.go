package viewer_test

import (
	"testing"

	"partnerhub/internal/viewer"
)

func TestReplace(t *testing.T) {
	outer := viewer.With(t.Context(), viewer.Viewer{UserID: "a"})
	inner := viewer.With(outer, viewer.From(outer))
	below := viewer.System(viewer.With(inner, viewer.Viewer{UserID: "c"}))
	viewer.Replace(inner, viewer.Viewer{UserID: "b"})
	if got := viewer.From(outer).UserID; got != "a" {
		t.Errorf("further out %q asks", got)
	}
	if got := viewer.From(inner).UserID; got != "b" {
		t.Errorf("%q asks", got)
	}
	if v := viewer.From(below); v.UserID != "c" || !v.IsSystem() {
		t.Errorf("further in %+v asks", v)
	}
	viewer.Replace(t.Context(), viewer.Viewer{UserID: "b"})
	if viewer.From(t.Context()).SignedIn() {
		t.Error("somebody asks where nobody did")
	}
}

// What the system does is done as the person who asked.
func TestSystem(t *testing.T) {
	ctx := viewer.With(t.Context(), viewer.Viewer{UserID: "a"})
	if v := viewer.From(viewer.System(ctx)); v.UserID != "a" || !v.IsSystem() {
		t.Errorf("%+v asks", v)
	}
	if viewer.From(ctx).IsSystem() {
		t.Error("the system asks in the person's own context")
	}
}

func TestIn(t *testing.T) {
	v := viewer.Viewer{Memberships: []viewer.Membership{
		{CompanyID: "joined", Role: viewer.Installer}, {CompanyID: "invited", Role: viewer.Owner, Invited: true},
	}}
	if m, ok := v.In("joined"); !ok || m.Role != viewer.Installer {
		t.Errorf("joined: %+v, %v", m, ok)
	}
	for _, id := range []string{"invited", "other", ""} {
		if m, ok := v.In(id); ok || m.CompanyID != "" {
			t.Errorf("%q: %+v, %v", id, m, ok)
		}
	}
	all := func(viewer.Membership) bool { return true }
	if ids := v.Companies(all); len(ids) != 1 || ids[0] != "joined" {
		t.Errorf("companies %q", ids)
	}
	if ids := (viewer.Viewer{}).Companies(all); ids == nil || len(ids) != 0 {
		t.Errorf("companies of nobody: %#v", ids)
	}
}
