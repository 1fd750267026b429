import { Table } from "@mantine/core";
import type { ReactNode } from "react";

/** A table: its head, and each row with its key. */
export function Rows(props: { head: string[]; rows: { key: string; cells: ReactNode[] }[] }) {
  return (
    <Table.ScrollContainer minWidth={500}>
      <Table striped fz="sm">
        <Table.Thead>
          <Table.Tr>
            {props.head.map((name, place) => (
              <Table.Th key={place}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.rows.map(({ key, cells }) => (
            <Table.Tr key={key}>
              {cells.map((cell, place) => (
                <Table.Td key={place} className="number">
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
