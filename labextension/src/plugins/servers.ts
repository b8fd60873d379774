// What is done with running servers and exported bundles from the panel.

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, Dialog, ICommandPalette, InputDialog, MainAreaWidget, Notification, showDialog } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import { copyIcon, folderIcon, launchIcon, listIcon, stopIcon } from '@jupyterlab/ui-components';

import type { Server } from '../api/rest';
import { serveIcon } from '../icons';
import { isNear, webAddress } from '../text/addresses';
import { modelWords, shortAddress } from '../text/servers';
import { Commands, DOMAIN, IMlops, REVEAL } from '../tokens';
import { addHere } from '../ui/hereCommands';
import { addToMain } from '../ui/mainArea';
import { addCommand, folderIn, takesFolder } from '../ui/ourCommand';
import { ServerLog } from '../ui/servers/ServerLog';
import { tellProblem } from '../ui/tellProblem';

export const servers: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlops:servers',
  description: 'Opens, shows and stops running servers, and gives servers and bundles a context menu.',
  autoStart: true,
  requires: [IMlops],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    mlops: IMlops,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const { commands } = app;
    const logs = new Map<string, MainAreaWidget<ServerLog>>();

    const named = (server: Server): string => `${modelWords(server, trans)}, ${shortAddress(server.url)}`;

    /** The server on a port, or one that is chosen; null if there is none or none was wanted. */
    const find = async (folder: string, port: unknown): Promise<Server | null> => {
      const { servers: running } = await mlops.client.servers(folder);
      if (typeof port === 'number') {
        const found = running.find(server => server.port === port) ?? null;
        if (!found) {
          Notification.info(trans.__('No server of this project runs there any more.'), { autoClose: 5000 });
        }
        return found;
      }
      if (running.length === 0) {
        Notification.info(trans.__('No server of this project runs.'), { autoClose: 5000 });
      }
      if (running.length < 2) {
        return running[0] ?? null;
      }
      const { value } = await InputDialog.getItem({ title: trans.__('Which server?'), items: running.map(named) });
      return running.find(server => named(server) === value) ?? null;
    };

    const open = (server: Server): void => {
      const address = webAddress(server.url);
      if (!address) {
        return;
      }
      window.open(address, '_blank', 'noopener');
      const { hostname, port } = new URL(address);
      if (isNear(hostname) && !isNear(window.location.hostname)) {
        const tunnel = `ssh -L ${port}:${hostname}:${port} ${window.location.hostname}`;
        Notification.info(
          trans.__('That address is on Jupyter’s machine. From another one forward the port: %1', tunnel),
          { autoClose: false, actions: [{ label: trans.__('Copy'), callback: () => Clipboard.copyToSystem(tunnel) }] }
        );
      }
    };

    const stop = async (server: Server, folder: string): Promise<void> => {
      const answer = await showDialog({
        title: trans.__('Stop this server?'),
        body: trans.__('%1 at %2 ends when it has answered what it is answering. Who asks there later gets no answer.', modelWords(server, trans), shortAddress(server.url)),
        buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.warnButton({ label: trans.__('Stop') })]
      });
      if (answer.button.accept) {
        const stopped = mlops.client.stopServer(folder, server.port);
        void logs.get(keyOf(server, folder))?.content.endWith(stopped);
        await stopped;
      }
    };

    const showLog = (server: Server, folder: string): void => {
      const key = keyOf(server, folder);
      let widget = logs.get(key);
      if (!widget) {
        const ask = async (): Promise<string> => (await mlops.client.log(folder, server.port)).text;
        widget = new MainAreaWidget({ content: new ServerLog(ask, named(server), trans) });
        widget.id = `jp-mlops-log-${server.port}-${logs.size}-${Math.round(server.started)}`;
        widget.toolbar.hide();
        logs.set(key, widget);
        widget.disposed.connect(() => logs.delete(key));
        addToMain(app.shell, widget);
      } else {
        app.shell.activateById(widget.id);
      }
    };

    const entries = [
      {
        id: Commands.openServer,
        label: trans.__('Open Server…'),
        here: trans.__('Open in a New Tab'),
        caption: trans.__('Open the address of a running server in a new tab'),
        icon: launchIcon,
        act: open
      },
      {
        id: Commands.showLog,
        label: trans.__('Show Log of Server…'),
        here: trans.__('Show Log'),
        caption: trans.__('Show what a running server prints'),
        icon: listIcon,
        act: showLog
      },
      {
        id: Commands.stopServer,
        label: trans.__('Stop Server…'),
        here: trans.__('Stop…'),
        caption: trans.__('Stop a running server of this project'),
        icon: stopIcon,
        act: stop
      }
    ];
    const takes = { port: { type: 'integer', description: trans.__('The port that the server listens on') }, ...takesFolder(trans) };
    entries.forEach(({ id, label, here, caption, icon, act }, at) => {
      addCommand(app, palette, id, {
        label,
        caption,
        icon,
        takes,
        execute: async args => {
          const folder = folderIn(args, mlops);
          try {
            const server = await find(folder, args.port);
            if (server) {
              await act(server, folder);
            }
          } catch (error) {
            await tellProblem(label.replace('…', ''), error);
          }
        }
      });
      addHere(app, { id: `${id}-here`, kind: 'server', label: here, icon, rank: at, execute: args => commands.execute(id, args) });
    });

    const ofBundle = (name: string, rank: number, label: string, icon: LabIcon, act: (args: BundleArgs) => unknown): void =>
      addHere(app, {
        id: `jupyter-mlops:bundle-${name}`,
        kind: 'bundle',
        label,
        icon,
        rank,
        isEnabled: args => name !== 'reveal' || (args.shownAt !== null && commands.hasCommand(REVEAL)),
        execute: args => act(args as unknown as BundleArgs)
      });
    ofBundle('serve', 0, trans.__('Serve…'), serveIcon, ({ bundle, folder }) => commands.execute(Commands.serve, { bundle, folder }));
    ofBundle('reveal', 1, trans.__('Show in File Browser'), folderIcon, args => commands.execute(REVEAL, { path: args.shownAt }));
    ofBundle('copy-digest', 2, trans.__('Copy Digest'), copyIcon, args => Clipboard.copyToSystem(args.digest));
    ofBundle('copy-command', 3, trans.__('Copy Command That Serves It'), copyIcon, args => Clipboard.copyToSystem(args.command));
  }
};

/** A port is another server's later. */
const keyOf = (server: Server, folder: string): string => JSON.stringify([folder, server.port, server.started]);

/** What a bundle's row tells. */
interface BundleArgs {
  bundle: string;
  folder: string;
  shownAt: string | null;
  digest: string;
  command: string;
}
