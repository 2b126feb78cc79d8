import { AskMail } from './ask-mail';

export default function Resend() {
  return (
    <AskMail
      title="Have the link sent again"
      lead="Enter the address you signed up with."
      path="/v1/register/resend"
      button="Send it again"
    />
  );
}
