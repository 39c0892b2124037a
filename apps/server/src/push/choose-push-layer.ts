import { embeddedPushLayer } from './embedded-push-layer.ts';
import type { PushLayer, PushLayerOptions } from './push-layer.ts';

/**
 * The push server that the operator chose: the one place that knows there are several.
 * @throws StartError `push_unusable`
 */
export async function choosePushLayer(options: PushLayerOptions): Promise<PushLayer> {
  if (options.settings.push === 'embedded') return embeddedPushLayer(options);
  // Loaded only where it is used: the embedded hub needs none of it.
  const { centrifugoPushLayer } = await import('./centrifugo/centrifugo-push-layer.ts');
  return centrifugoPushLayer(options);
}
