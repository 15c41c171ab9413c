/**
 * What Twilio's runtime puts into the global scope, as far as the bridge uses it.
 *
 * In the cloud a private asset is a file without folder or extension, so a relative `require` of it breaks there.
 * The one way to an asset, from functions and assets alike, is
 *
 *   const { x }: typeof import('./noun.private') = require(Runtime.getAssets()['/noun.js'].path);
 *
 * A misspelt asset does not compile.
 */
type AssetName =
  | '/call.js'
  | '/exchange.js'
  | '/ladder.js'
  | '/leg.js'
  | '/log.js'
  | '/numbers.js'
  | '/prepare.js'
  | '/settings.js'
  | '/target.js'
  | '/trunk.js'
  | '/twiml.js'
  | '/variables.js'
  | '/verdict.js'
  | '/webhook.js'
  | '/xml.js';

declare var Runtime: { getAssets(): Readonly<Record<AssetName, { readonly path: string }>> };

declare var Twilio: import('@twilio-labs/serverless-runtime-types/types').GlobalTwilio;
