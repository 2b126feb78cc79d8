// Function seal closes each day of receipts, once the day is over.
package main

import (
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/mi-telecom/mi-connect/shared/lambdahttp"
	"github.com/mi-telecom/mi-connect/shared/receipt"
	"github.com/mi-telecom/mi-connect/shared/store"
	"github.com/mi-telecom/mi-connect/shared/web"
)

func main() {
	s := &sealer{
		store: open(store.FromEnvironment()), book: receipt.FromEnvironment(), log: web.Logger(os.Stdout), clock: time.Now,
	}
	lambda.Start(lambdahttp.Scheduled(s.run))
}

// doors are what this function may do with the tables.
type doors struct {
	store.UnfinishedErasures
	store.Sealing
}

func open(db store.DB) doors {
	return doors{store.UnfinishedErasures(db), store.Sealing(db)}
}
