// A server that was started: its address, and a request to try.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { isNear, webAddress } from '../../text/addresses';
import { Copied } from '../jobs/Copied';
import type { Served } from './ServeFlow';

export function ServedNote({ served, trans }: { served: Served; trans: TranslationBundle }): JSX.Element {
  const address = webAddress(served.url);
  return (
    <>
      <p role="status" className="jp-mlops-Good">
        {trans.__('✓ %1 version %2 is served.', served.name, served.version)}
      </p>
      <dl className="jp-mlops-Facts">
        <dt>{trans.__('Address')}</dt>
        <dd>
          {address ? (
            <a href={address} target="_blank" rel="noopener noreferrer">
              {served.url}
            </a>
          ) : (
            served.url
          )}
        </dd>
        <dt>{trans.__('A request')}</dt>
        <dd>
          <Copied text={served.curl} what={trans.__('the request')} trans={trans} />
        </dd>
      </dl>
      {!isNear(window.location.hostname) && (
        <p>{trans.__('The address is one of the machine that Jupyter runs on.')}</p>
      )}
    </>
  );
}
