import { AskMail } from './ask-mail';

export default function Forgot() {
  return (
    <AskMail
      title="Forgot your password?"
      lead="We mail you a link to set a new one. It works once, for an hour."
      path="/v1/password/forgot"
      button="Mail me a link"
    />
  );
}
