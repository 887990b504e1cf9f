/** What a contract says when it refuses: the custom errors a visitor can meet, in words. */

import { hexOf } from "../wallet/eip712";
import { selector } from "./abi";

const WORDS: Readonly<Record<string, string>> = {
  "ERC20InsufficientBalance(address,uint256,uint256)": "Your wallet has less of this token.",
  "ERC20InsufficientAllowance(address,uint256,uint256)": "The vault may not take so much of this token yet.",
  "ERC721IncorrectOwner(address,uint256,address)": "This token is not your wallet's.",
  "ERC721InsufficientApproval(address,uint256)": "The vault may not take this token yet.",
  "ERC721NonexistentToken(uint256)": "There is no such token.",
  "DepositsStopped()": "The vault takes no deposits now.",
  "NothingDeposited()": "Deposit more than nothing.",
  "NotWholeAtoms(uint256)": "The vault takes whole gwei only.",
  "UnknownAsset(uint32)": "The vault does not take this asset.",
  "UnknownCollection(uint32)": "The vault does not take this collection.",
  "AlreadyOpen(uint256)": "A request of yours for this account is still open.",
  "AlreadyFrozen()": "The exchange is frozen: leave through its last final batch.",
  "BadRequest()": "The contract does not take such a request: at least 0.0001 of an asset, or one token.",
  "NothingOwed()": "There is no bond to fetch.",
  "WrongBond(uint256,uint256)": "The bond is another one.",
};

let known: Map<string, string> | undefined;

/** Returns "" for what is not known. */
export function wordsOfRevert(data: string): string {
  known ??= new Map(Object.entries(WORDS).map(([signature, words]) => [hexOf(selector(signature)), words]));
  return known.get(data.slice(0, 10)) ?? "";
}
