// Command restore makes a table of the stack what a restored copy of it says, and has function rollup count again what
// the stream of visits still holds. Both may be cut off anywhere and run again. docs/operations.md, "Restore", says
// when; `make restore-rehearsal` does all of it on a throw-away database.
//
//	restore copy FROM TO            TO becomes FROM, item by item; what FROM lacks is removed from TO
//	restore replay STREAM FUNCTION  gives FUNCTION the whole stream again, from its oldest record to now
//
// It reads AWS credentials as the AWS CLI does, and AWS_ENDPOINT_URL_DYNAMODB.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	args := os.Args[1:]
	if len(args) != 3 || args[0] != "copy" && args[0] != "replay" || args[1] == args[2] {
		fmt.Fprintln(os.Stderr, "usage: restore copy FROM TO | restore replay STREAM FUNCTION")
		os.Exit(2)
	}
	settings, err := config.LoadDefaultConfig(ctx)
	if err == nil && args[0] == "copy" {
		err = (&copier{db: dynamodb.NewFromConfig(settings), out: os.Stdout}).run(ctx, args[1], args[2])
	}
	if err == nil && args[0] == "replay" {
		functions := lambda.NewFromConfig(settings)
		err = replay(
			ctx, dynamodbstreams.NewFromConfig(settings), args[1], args[2], quiet, os.Stdout, invoke(functions, args[2]),
		)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "restore:", err)
		os.Exit(1)
	}
}

// quiet is how long no old record must have come before all are taken to have been given.
const quiet = 2 * time.Minute
