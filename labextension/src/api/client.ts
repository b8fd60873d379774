// Requests to our part of Jupyter's server. Its address, token and cookies are JupyterLab's own business.

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type {
  AlarmList,
  BundleList,
  GateList,
  Job,
  JobRequest,
  ModelList,
  MoveList,
  Problem,
  RunCard,
  RunPage,
  ServerList,
  ServerLog
} from './rest';

/** Why something was not done; `fix` says what to do next. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem
  ) {
    super(problem.what);
    this.name = problem.kind;
  }

  get fix(): string {
    return this.problem.fix;
  }
}

const NO_ANSWER: Problem = {
  kind: 'NetworkError',
  what: 'the server gave no answer',
  fix: 'Check that Jupyter is still running, then try again.'
};
const NOT_OURS: Problem = {
  kind: 'NotFoundError',
  what: 'the server does not know jupyter-mlops',
  fix: 'Install jupyter-mlops where the Jupyter server runs, and restart it.'
};

type Query = Record<string, string | number | null | undefined>;

/** What can be asked of the server about one folder's project. `folder` is relative to the server's root. */
export class Client {
  constructor(private readonly settings = ServerConnection.makeSettings()) {}

  runs(folder: string, query: { search?: string; notebook?: string | null; offset?: number; limit?: number } = {}): Promise<RunPage> {
    return this.ask('GET', 'runs', { folder, ...query });
  }

  run(folder: string, id: string): Promise<RunCard> {
    return this.ask('GET', `runs/${encodeURIComponent(id)}`, { folder });
  }

  models(folder: string): Promise<ModelList> {
    return this.ask('GET', 'models', { folder });
  }

  moves(folder: string, name: string): Promise<MoveList> {
    return this.ask('GET', 'moves', { folder, name });
  }

  gates(folder: string, name: string, version: string): Promise<GateList> {
    return this.ask('GET', 'gates', { folder, name, version });
  }

  servers(folder: string): Promise<ServerList> {
    return this.ask('GET', 'servers', { folder });
  }

  stopServer(folder: string, port: number): Promise<void> {
    return this.ask('DELETE', `servers/${port}`, { folder });
  }

  log(folder: string, port: number): Promise<ServerLog> {
    return this.ask('GET', `servers/${port}/log`, { folder });
  }

  bundles(folder: string): Promise<BundleList> {
    return this.ask('GET', 'bundles', { folder });
  }

  alarms(folder: string): Promise<AlarmList> {
    return this.ask('GET', 'alarms', { folder });
  }

  startJob(folder: string, request: JobRequest): Promise<Job> {
    return this.ask('POST', 'jobs', { folder }, request);
  }

  /** The job as soon as something about it is not as it was `seen` (its `changes`), or after `wait` seconds. */
  job(id: string, wait = 0, seen?: number): Promise<Job> {
    return this.ask('GET', `jobs/${id}`, { wait, seen });
  }

  cancelJob(id: string): Promise<Job> {
    return this.ask('DELETE', `jobs/${id}`, {});
  }

  private async ask<T>(method: string, path: string, query: Query, content?: unknown): Promise<T> {
    const known = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
    const words = new URLSearchParams(known.map(([name, value]) => [name, String(value)]));
    const url = `${URLExt.join(this.settings.baseUrl, 'jupyter-mlops', path)}?${words}`;
    const init: RequestInit = { method };
    if (content !== undefined) {
      init.body = JSON.stringify(content);
      init.headers = { 'Content-Type': 'application/json' };
    }
    let answer: Response;
    let text: string;
    try {
      answer = await ServerConnection.makeRequest(url, init, this.settings);
      text = await answer.text();
    } catch {
      throw new ProblemError(0, NO_ANSWER);
    }
    if (!answer.ok) {
      throw new ProblemError(answer.status, problemOf(text) ?? (answer.status === 404 ? NOT_OURS : NO_ANSWER));
    }
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

function problemOf(text: string): Problem | null {
  try {
    const found = JSON.parse(text) as Partial<Problem>;
    return found.what && found.kind ? { kind: found.kind, what: found.what, fix: found.fix ?? '' } : null;
  } catch {
    return null;
  }
}
