// Package secret reads the keys that a function needs from AWS Secrets Manager, or from the environment
// where somebody has set them there (sam local, tests).
package secret

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// ErrNotSet says that a secret is there, but nobody has given it a value.
var ErrNotSet = errors.New("has no value yet")

// Text returns the secret called name: the environment variable of that name, or else what the one called
// name_ARN points to. An empty secret is an error: it would sign and verify whatever comes.
func Text(ctx context.Context, name string) (string, error) {
	if v := os.Getenv(name); v != "" {
		return v, nil
	}
	arn := os.Getenv(name + "_ARN")
	if arn == "" {
		return "", fmt.Errorf("secret: neither %s nor %s_ARN is set", name, name)
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	out, err := client().GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(arn)})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return "", fmt.Errorf("secret: %s %w: %w", name, ErrNotSet, err)
	}
	if err != nil {
		return "", fmt.Errorf("secret: %s: %w", name, err)
	}
	if aws.ToString(out.SecretString) == "" {
		return "", fmt.Errorf("secret: %s %w", name, ErrNotSet)
	}
	return *out.SecretString, nil
}

func client() *secretsmanager.Client {
	o := secretsmanager.Options{
		Region: os.Getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken: os.Getenv("AWS_SESSION_TOKEN"), Source: "environment",
			}, nil
		}),
	}
	if endpoint := os.Getenv("AWS_ENDPOINT_URL_SECRETS_MANAGER"); endpoint != "" {
		o.BaseEndpoint = aws.String(endpoint)
	}
	return secretsmanager.New(o)
}

// MustKey is Text for a program that cannot do without: it ends the process, so that Lambda reports the
// failed start instead of every request failing.
func MustKey(name string) []byte {
	v, err := Text(context.Background(), name)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return []byte(v)
}
