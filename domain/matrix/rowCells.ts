import type { Instant } from '../../contracts/instant';
import type { FilingRule, Frequency, MatrixRow } from '../../contracts/matrix';
import { channelsCell, durationCell, locationCell, missesCell, policyCell, startCell, tmfCell, yesNoCell, type Cell } from './cells';
import { ROW_COLUMNS, type Mistake, type RowColumn, type TableLine } from './columns';
import { findOrganisation, type Directory } from './directory';

type RowFields = Pick<MatrixRow, 'policyKey' | 'phi' | 'phiChannels'> & { readonly frequency?: Frequency; readonly filing?: FilingRule; readonly effectiveFrom: Instant | null };

interface Said {
  readonly row: number;
  readonly text: string;
}

/** What the lines of one matrix row say of the whole row. Mistakes are added to `mistakes`; a wrong cell reads as an empty one. */
export function readRowCells(lines: readonly TableLine[], context: { among: Directory['organisations']; now: Instant; mistakes: Mistake[] }): RowFields {
  const { among, now, mistakes } = context;
  const said = new Map(ROW_COLUMNS.map((column) => [column, saidOf(lines, column, mistakes)]));
  const first = lines[0]?.row ?? 1;
  const isSaid = (column: RowColumn): boolean => said.get(column) !== undefined;
  const read = <T>(column: RowColumn, reader: (text: string) => Cell<T>): T | undefined => {
    const { row, text } = said.get(column) ?? { row: first, text: '' };
    const cell = reader(text);
    if ('value' in cell) return cell.value;
    mistakes.push({ row, column, message: cell.wrong });
    return undefined;
  };
  /** All or none: columns that make sense together only. */
  const together = (columns: readonly RowColumn[]): boolean => {
    const given = columns.filter(isSaid);
    const [anchor] = given;
    if (anchor === undefined) return false;
    for (const column of columns) if (!isSaid(column)) mistakes.push({ row: said.get(anchor)?.row ?? first, column, message: `is empty, but ${anchor} is not` });
    return given.length === columns.length;
  };
  const organisationCell = (text: string): Cell<string> => {
    const found = findOrganisation(among, text);
    return 'found' in found ? { value: found.found.id } : { wrong: 'no such organisation works on this study' };
  };
  const policyKey = read('policy', policyCell) ?? '';
  const effectiveFrom = read('effective_from', (text) => startCell(text, now)) ?? null;
  const phi = read('phi', yesNoCell) ?? false;
  const phiChannels = isSaid('phi_channels') ? read('phi_channels', channelsCell) : undefined;
  const fields = { policyKey, phi, phiChannels: [...(phiChannels ?? (['inbox'] as const))], effectiveFrom };
  return { ...fields, ...frequencyOf(), ...filingOf() };

  function frequencyOf(): { frequency?: Frequency } {
    if (!together(['frequency', 'frequency_grace', 'frequency_organisation'])) {
      const stray = said.get('frequency_capa_after');
      if (stray && !isSaid('frequency')) mistakes.push({ row: stray.row, column: 'frequency', message: 'is empty, but frequency_capa_after is not' });
      return {};
    }
    const [every, grace] = [read('frequency', durationCell), read('frequency_grace', durationCell)];
    const organisationId = read('frequency_organisation', organisationCell);
    const capaAfter = isSaid('frequency_capa_after') ? read('frequency_capa_after', missesCell) : undefined;
    return every && grace && organisationId !== undefined ? { frequency: { every, grace, organisationId, ...(capaAfter !== undefined && { capaAfter }) } } : {};
  }
  function filingOf(): { filing?: FilingRule } {
    if (!together(['tmf_reference', 'filing_location', 'filing_organisation'])) return {};
    const [tmfReference, location] = [read('tmf_reference', tmfCell), read('filing_location', locationCell)];
    const responsibleOrganisationId = read('filing_organisation', organisationCell);
    return tmfReference !== undefined && location !== undefined && responsibleOrganisationId !== undefined ? { filing: { tmfReference, location, responsibleOrganisationId } } : {};
  }
}

/** The first word on a column; a line that says another thing is a mistake. */
function saidOf(lines: readonly TableLine[], column: RowColumn, mistakes: Mistake[]): Said | undefined {
  const spoken = lines.filter(({ cells }) => cells[column] !== '').map(({ row, cells }): Said => ({ row, text: cells[column] }));
  const [first] = spoken;
  if (!first) return undefined;
  for (const { row, text } of spoken) {
    if (text.toLowerCase() !== first.text.toLowerCase()) mistakes.push({ row, column, message: `says ${text.slice(0, 60)}, but row ${String(first.row)} of the same matrix row says ${first.text.slice(0, 60)}` });
  }
  return first;
}
