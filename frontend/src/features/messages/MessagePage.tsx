import { useQuery } from "@tanstack/react-query";
import { useLocation, useParams } from "@tanstack/react-router";
import { type ComponentProps, useDeferredValue } from "react";
import { useText } from "../../i18n";
import { asProblem } from "../../lib/problems";
import { NothingHere } from "../../ui/NothingHere";
import { LoadProblem } from "../../ui/Notice";
import { Page, Skeleton } from "../../ui/Page";
import { Editor } from "./Editor";
import { InWork } from "./InWork";
import { isInWork, messageQuery } from "./queries";
import { Ready } from "./Ready";
import { RecordingEditor } from "./RecordingEditor";

/** A message at whatever stage it is: written, being made, or ready. */
export function MessagePage() {
  const t = useText();
  const { id } = useParams({ from: "/signed-in/messages/$id" });
  const { state } = useLocation();
  const isNew = id === "new";
  // A draft that gets its address while it is written keeps its editor, and the focus in it.
  const editorKey = state.editor ?? (isNew ? (state.__TSR_key ?? "new") : id);
  const query = useQuery({ ...messageQuery(id), enabled: !isNew });

  if (isNew) return <LaterEditor key={editorKey} editorKey={editorKey} message={null} />;
  const isWatchable = query.data && isInWork(query.data) && query.data.stream_url !== null;
  // A recording that can be watched and the finished one are one page: the player stays as it is.
  if (query.data && (isWatchable || query.data.state === "ready")) {
    return <Ready key={id} message={query.data} />;
  }
  if (query.data && isInWork(query.data)) return <InWork message={query.data} />;
  if (query.data?.kind === "recording") return <RecordingEditor key={id} message={query.data} />;
  if (query.data) return <LaterEditor key={editorKey} editorKey={editorKey} message={query.data} />;
  if (query.isError && asProblem(query.error).status === 404) return <NothingHere />;
  return (
    <Page title={t.compose.editTitle} isTitleHidden>
      {query.isError ? (
        <LoadProblem error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton rows={2} className="h-64" />
      )}
    </Page>
  );
}

/** The largest page there is: what was pressed is answered by a frame without it. */
function LaterEditor(props: ComponentProps<typeof Editor>) {
  const t = useText();
  if (useDeferredValue(true, false)) return <Editor {...props} />;
  return (
    <Page title={t.compose.editTitle} isTitleHidden>
      <Skeleton rows={2} className="h-dvh" />
    </Page>
  );
}
