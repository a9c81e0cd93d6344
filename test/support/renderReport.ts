import { createHash } from 'node:crypto';
import { reportDocument } from '../../domain/capaReport/document';
import { capaReport, reportText, type ReportSources } from '../../domain/capaReport/report';
import { renderPdf } from '../../platform/pdf';
import { bytesOf } from './pdfTools';

/** Both forms of a report. */
export async function rendered(sources: ReportSources): Promise<{ readonly json: Buffer; readonly pdf: Buffer }> {
  const text = reportText(capaReport(sources));
  const json = Buffer.from(text);
  const sha256 = createHash('sha256').update(json).digest('hex');
  return { json, pdf: await bytesOf(renderPdf(reportDocument({ text, bytes: json, sha256 }))) };
}
