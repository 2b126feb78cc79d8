import { AskMail } from './ask-mail';

export default function Forgot() {
  return (
    <AskMail
      title="Forgot your password?"
      lead="We’ll email you a link to set a new one. It works once and expires after an hour."
      path="/v1/password/forgot"
      button="Email me a link"
    />
  );
}
