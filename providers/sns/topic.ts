/**
 * A topic's ARN: where it is, and who signs for it.
 * @module
 */

/** `arn:<partition>:sns:<region>:<account>:<name>`. FIFO topics, whose names end in `.fifo`, cannot deliver by HTTPS. */
const ARN = /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+)+-\d{1,2}):\d{12}:([A-Za-z0-9_-]{1,256})$/;

/** @throws TypeError for what is no topic */
export function checkTopic(arn: string, option: string): void {
  if (ARN.test(arn)) return;
  throw new TypeError(
    `${option} must be the ARN of a topic, or several, like "arn:aws:sns:eu-west-1:123456789012:orders", and no FIFO topic`,
  );
}

/** The host that signs for a topic and confirms its subscriptions: that of its region. */
export function hostOf(arn: string): string {
  const [, partition, region] = ARN.exec(arn) ?? [];
  return `sns.${region}.amazonaws.com${partition === "aws-cn" ? ".cn" : ""}`;
}

/** A topic's name. */
export const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf(":") + 1);
