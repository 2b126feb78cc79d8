package connect

// PlanID names a plan.
type PlanID string

// Plan is what an account may use.
type Plan struct {
	ID   PlanID
	Name string
}

// Free is the plan every account starts with.
var Free = Plan{ID: "free", Name: "Free"}

// PlanOf returns the plan with that id, Free when there is none.
func PlanOf(PlanID) Plan { return Free }
