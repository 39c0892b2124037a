import type { Decision, ShowDecision } from '../notify/decision.ts';

type Line = Readonly<Record<string, unknown>>;

/** What the policy decided, as a line of the report. */
export function decisionLine(decision: Decision): Line {
  const arrival = 'arrival' in decision ? decision.arrival : undefined;
  return {
    kind: 'decision',
    decision: decision.kind,
    rule: decision.rule,
    reason: decision.reason,
    notification_id: arrival?.id,
    message_id: arrival?.messageId,
    ...('content' in decision && decision.content.kind === 'summary'
      ? { summary: decision.content }
      : {}),
  };
}

/**
 * A message that the desktop was asked to show; undefined for what shows no message.
 * @param agoMs how long ago it was asked
 */
export function notificationLine(
  { arrival, content }: ShowDecision,
  agoMs: number,
): Line | undefined {
  if (content.kind === 'summary' || content.kind === 'note') return undefined;
  return {
    kind: 'notification',
    notification_id: arrival?.id,
    thread_id: arrival?.threadId,
    message_id: arrival?.messageId,
    author: content.author,
    text: content.text,
    // Finer than a Date, and comparable with other processes of this machine.
    shown_at_ms: performance.timeOrigin + performance.now() - agoMs,
  };
}
