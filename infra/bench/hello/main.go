// Command hello is the least that a function with DynamoDB can be: a client built by hand, one warm-up
// read as package store makes it, and a handler that does nothing. infra/bench compares events with it.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func main() {
	db := dynamodb.New(dynamodb.Options{
		Region: os.Getenv("AWS_REGION"), BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
			}, nil
		}),
	})
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, err := db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(os.Getenv("ACCOUNTS_TABLE")), ConsistentRead: aws.Bool(false),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "warm"}, "sk": &types.AttributeValueMemberS{Value: "warm"},
		},
	})
	if err != nil {
		panic(err)
	}
	lambda.Start(func(context.Context) error { return nil })
}
