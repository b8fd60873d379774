// The extension: small plugins, one concern each.

import { badges } from './plugins/badges';
import { core } from './plugins/core';
import { exporting } from './plugins/export';
import { jobs } from './plugins/jobs';
import { launcher } from './plugins/launcher';
import { models } from './plugins/models';
import { panel } from './plugins/panel';
import { promote } from './plugins/promote';
import { runs } from './plugins/runs';
import { serve } from './plugins/serve';
import { servers } from './plugins/servers';
import { status } from './plugins/status';
import { tracking } from './plugins/tracking';

export default [core, panel, tracking, serve, runs, models, servers, status, launcher, exporting, promote, jobs, badges];
