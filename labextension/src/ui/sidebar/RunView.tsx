// One run in the main area: what was measured, with which parameters, and what to do with it.

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Run, RunCard } from '../../api/rest';
import type { RunChoice } from '../../model/runChoice';
import { duration, figure, plain, statusSign, statusWord } from '../../text/runs';
import { Commands, type IMlops } from '../../tokens';
import { SeenWidget } from '../SeenWidget';
import { Trouble } from './Trouble';
import { useAnswer } from './useAnswer';

const EVERY = 5; // seconds, of a run that goes on

interface RunViewProps {
  mlops: IMlops;
  commands: JupyterFrontEnd['commands'];
  choice: RunChoice;
  folder: string;
  run: string;
  /** What the list says of it, until there is more. */
  known: Run | null;
  isVisible: boolean;
  trans: TranslationBundle;
}

/** The widget of the main area; `run` is the run's id. */
export class RunView extends SeenWidget {
  constructor(private readonly props: Omit<RunViewProps, 'isVisible'>) {
    super();
    this.addClass('jp-mlops-run-view');
  }

  protected render(): JSX.Element {
    return <RunPart {...this.props} isVisible={this.isVisible} />;
  }
}

function RunPart({ mlops, commands, choice, folder, run, known, isVisible, trans }: RunViewProps): JSX.Element {
  const [isOver, setOver] = React.useState(false);
  const ask = (): Promise<RunCard> => mlops.client.run(folder, run);
  const { value, problem, again } = useAnswer(ask, `${folder}\n${run}`, isVisible && !isOver, EVERY);
  React.useEffect(() => setOver(value !== null && !['running', 'scheduled'].includes(value.status)), [value]);
  const card = value ?? (known && cardOf(known));
  return (
    <div className="jp-mlops-run-page">
      {problem && <Trouble problem={problem} onAgain={again} trans={trans} />}
      {card && <Facts card={card} trans={trans} />}
      {card && <Actions card={card} commands={commands} choice={choice} folder={folder} trans={trans} />}
      {card && (
        <div className="jp-mlops-run-tables">
          <Pairs title={trans.__('Metrics')} none={trans.__('It measured nothing.')} pairs={figures(card)} isNumeric />
          {value && <Pairs title={trans.__('Parameters')} none={trans.__('It has none.')} pairs={Object.entries(value.params)} />}
        </div>
      )}
      {!value && !problem && <p role="status">{trans.__('Loading…')}</p>}
    </div>
  );
}

const cardOf = (run: Run): RunCard => ({
  ...run,
  started: new Date(run.started * 1000).toISOString(),
  params: {}
});

function Facts({ card, trans }: { card: RunCard; trans: TranslationBundle }): JSX.Element {
  const facts = [
    card.started ? new Date(card.started).toLocaleString() : '',
    typeof card.seconds === 'number' ? trans.__('took %1', duration(card.seconds, trans)) : ''
  ];
  return (
    <>
      <h1>{plain(card.name, 300)}</h1>
      <p>
        <span className="jp-mlops-status" data-status={card.status}>
          <span aria-hidden="true">{statusSign(card.status)} </span>
          {statusWord(card.status, trans)}
        </span>
        {facts.filter(Boolean).map(fact => ` · ${fact}`)}
      </p>
      {card.hypothesis && <blockquote aria-label={trans.__('Hypothesis')}>{plain(card.hypothesis, 2000)}</blockquote>}
    </>
  );
}

interface ActionsProps {
  card: RunCard;
  commands: JupyterFrontEnd['commands'];
  choice: RunChoice;
  folder: string;
  trans: TranslationBundle;
}

function Actions({ card, commands, choice, folder, trans }: ActionsProps): JSX.Element {
  const [, draw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    choice.changed.connect(draw);
    return () => {
      choice.changed.disconnect(draw);
    };
  }, [choice]);
  const others = choice.folder === folder ? choice.ticked.filter(each => each.id !== card.id) : [];
  const runs = [card.id, ...others.map(each => each.id)];
  return (
    <div className="jp-mlops-run-actions">
      <button type="button" className="jp-mlops-button" onClick={() => void commands.execute(Commands.insertRun, { id: card.id, name: card.name })}>
        {trans.__('Insert %mlops show')}
      </button>
      <button
        type="button"
        className="jp-mlops-button"
        disabled={!others.length}
        title={others.length ? '' : trans.__('Select other runs in the sidebar first')}
        onClick={() => void commands.execute(Commands.compare, { runs, folder })}
      >
        {others.length
          ? trans._n('Compare with %1 selected run', 'Compare with %1 selected runs', others.length)
          : trans.__('Compare with selected runs')}
      </button>
      {commands.hasCommand(Commands.promote) && (
        <button type="button" className="jp-mlops-button" onClick={() => void commands.execute(Commands.promote, { run: card.id, folder })}>
          {trans.__('Promote…')}
        </button>
      )}
    </div>
  );
}

const figures = (card: RunCard): [string, string][] =>
  Object.entries(card.metrics).map(([name, value]) => [name, figure(value)]);

interface PairsProps {
  title: string;
  none: string;
  pairs: [string, string][];
  isNumeric?: boolean;
}

function Pairs({ title, none, pairs, isNumeric = false }: PairsProps): JSX.Element {
  return (
    <section>
      <h2>{title}</h2>
      {pairs.length === 0 && <p>{none}</p>}
      <table data-numeric={isNumeric} aria-label={title}>
        <tbody>
          {pairs.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{plain(name)}</th>
              <td>{plain(value, 600)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
